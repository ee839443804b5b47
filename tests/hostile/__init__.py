"""Files and folders that nobody writes in good faith: none of them may cost another one its findings."""
