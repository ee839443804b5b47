"""The real compiler's type for one of ours."""

from __future__ import annotations

from scriptlint.types.model import Dict, Future, List, Optional, Primitive, Tensor, Tuple, Type, Union


def to_torch(kind: Type):
    from torch import _C

    leaves = {
        "int": _C.IntType,
        "float": _C.FloatType,
        "bool": _C.BoolType,
        "complex": _C.ComplexType,
        "number": _C.NumberType,
        "str": _C.StringType,
        "NoneType": _C.NoneType,
        "Device": _C.DeviceObjType,
        "Any": _C.AnyType,
    }
    match kind:
        case Tensor():
            return _C.TensorType.get()
        case Primitive(name):
            return leaves[name].get()
        case List(element):
            return _C.ListType(to_torch(element))
        case Dict(key, value):
            return _C.DictType(to_torch(key), to_torch(value))
        case Tuple(elements):
            return _C.TupleType([to_torch(element) for element in elements])
        case Optional(element):
            return _C.OptionalType(to_torch(element))
        case Union(members):
            return _C.UnionType([to_torch(member) for member in members])
        case Future(element):
            return _C.FutureType(to_torch(element))
    raise AssertionError(kind)
