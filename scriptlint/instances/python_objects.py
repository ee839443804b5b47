"""Objects of Python's own library and of torch that TorchScript has no type for, by the calls that make them.

Only the class of such an object is known: what is read of it and what its methods return is unknown.
"""

from __future__ import annotations

# What makes generators of random numbers, and what these are.
RANDOM_GENERATORS = {
    "random.Random": "random.Random",
    "random.SystemRandom": "random.SystemRandom",
    "numpy.random.default_rng": "numpy.random.Generator",
    "numpy.random.RandomState": "numpy.random.RandomState",
}
# Classes by their modules: a call of one makes an object of it.
_CLASSES = {
    "_thread": "LockType",
    "array": "array",
    "collections": "ChainMap UserDict UserList",
    "concurrent.futures": "Future ProcessPoolExecutor ThreadPoolExecutor",
    "configparser": "ConfigParser RawConfigParser",
    "contextvars": "Context ContextVar",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Context Decimal",
    "fractions": "Fraction",
    "io": "BufferedReader BufferedWriter BytesIO FileIO StringIO TextIOWrapper",
    "ipaddress": "IPv4Address IPv4Network IPv6Address IPv6Network",
    "logging": "FileHandler Formatter Logger StreamHandler",
    "multiprocessing": "Event Lock Queue",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "queue": "LifoQueue PriorityQueue Queue SimpleQueue",
    "sched": "scheduler",
    "socket": "socket",
    "string": "Formatter Template",
    "subprocess": "Popen",
    "tempfile": "NamedTemporaryFile SpooledTemporaryFile TemporaryDirectory TemporaryFile",
    "threading": "Barrier BoundedSemaphore Condition Event Lock RLock Semaphore Thread Timer local",
    "torch": "CompilationUnit GradScaler finfo iinfo",
    "torch.cuda": "Event Stream",
    "types": "MappingProxyType",
    "uuid": "UUID",
    "weakref": "WeakKeyDictionary WeakSet WeakValueDictionary finalize",
    "zoneinfo": "ZoneInfo",
}
MADE = {
    **RANDOM_GENERATORS,
    **{f"{module}.{name}": f"{module}.{name}" for module, names in _CLASSES.items() for name in names.split()},
    "builtins.bytearray": "bytearray",
    "builtins.memoryview": "memoryview",
    "builtins.open": "io.TextIOWrapper",
    "datetime.date.today": "datetime.date",
    "datetime.datetime.now": "datetime.datetime",
    "datetime.datetime.today": "datetime.datetime",
    "datetime.datetime.utcnow": "datetime.datetime",
    "inspect.signature": "inspect.Signature",
    "io.open": "io.TextIOWrapper",
    "logging.getLogger": "logging.Logger",
    "pathlib.Path.cwd": "pathlib.Path",
    "pathlib.Path.home": "pathlib.Path",
    "re.compile": "re.Pattern",
    "torch.Generator": "torch.Generator",
    "uuid.uuid1": "uuid.UUID",
    "uuid.uuid3": "uuid.UUID",
    "uuid.uuid4": "uuid.UUID",
    "uuid.uuid5": "uuid.UUID",
}
# Packages of torch whose classes make no modules.
_OF_TORCH = ("torch.distributions.", "torch.optim.", "torch.utils.data.")


def kind_of(name: str) -> str | None:
    """Return the class of the object that a call of `name` makes, None where the call makes another or that is not known."""
    if name.startswith(_OF_TORCH) and name.rpartition(".")[2][:1].isupper():
        return name
    return MADE.get(name)
