"""Validates resources of Kubernetes with the API's schema, as far as Debian's python3-kubernetes has it: the names of all
fields, their types, and which are required."""
import re

from kubernetes import client

SCALARS = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object}


def violations(kind, value, path=""):
    """What is wrong with a value of a type as python3-kubernetes calls it, such as V1DaemonSet or list[V1Container]."""
    container = re.fullmatch(r"(list|dict)[\[(](?:str, )?(.+)[\])]", kind)
    if container:
        expected = {"list": list, "dict": dict}[container[1]]
        if not isinstance(value, expected):
            return [f"{path}: {value!r} is not a {container[1]}"]
        items = enumerate(value) if expected is list else value.items()
        return [found for key, item in items for found in violations(container[2], item, f"{path}[{key}]")]
    if kind in SCALARS:
        wrong = not isinstance(value, SCALARS[kind]) or (isinstance(value, bool) and kind in ("int", "float"))
        return [f"{path}: {value!r} is not a {kind}"] if wrong else []
    return violations_of_model(getattr(client, kind), value, path)


def violations_of_model(model, value, path):
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is not a {model.__name__}"]
    fields = {json_name: name for name, json_name in model.attribute_map.items()}
    found = [f"{path}: {model.__name__} has no field {name}" for name in value if name not in fields]
    for name, item in value.items():
        if name in fields:
            found += violations(model.openapi_types[fields[name]], item, f"{path}.{name}")
    try:
        model(**{fields[name]: item for name, item in value.items() if name in fields})
    except ValueError as error:  # a field that is required, or a value that is not in an enumeration
        found.append(f"{path}: {error}")
    return found
