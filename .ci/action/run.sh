# What the action runs: one check, whose findings go beside the code, into the summary of the job and into a file.
set -uo pipefail
sarif="$RUNNER_TEMP/scriptlint.sarif"
table="$RUNNER_TEMP/scriptlint.md"
format=full
if [ "$ANNOTATIONS" = true ]; then
    format=github
fi
# ARGS are read as a shell reads words, with quotes but without expanding or running anything.
arguments=()
while IFS= read -r -d '' word; do
    arguments+=("$word")
done < <("$RUNNER_TEMP/scriptlint/bin/python" -c '
import os, shlex, sys
sys.stdout.write("".join(f"{word}\0" for word in shlex.split(os.environ["ARGS"])))')
"$RUNNER_TEMP/scriptlint/bin/scriptlint" check --output-format "$format" \
    --output-file "sarif=$sarif" --output-file "markdown=$table" "${arguments[@]}"
code=$?
{
    echo "exit-code=$code"
    if [ -f "$sarif" ]; then
        echo "sarif-file=$sarif"
    fi
} >> "$GITHUB_OUTPUT"
if [ "$SUMMARY" = true ] && [ -f "$table" ]; then
    { echo "## scriptlint"; echo; cat "$table"; } >> "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
