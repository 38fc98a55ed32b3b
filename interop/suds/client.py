#!/usr/bin/python3
"""suds (Python) plays the node against a station; what it does is in ../python/node.py.

The interpreter is Debian's (/usr/bin/python3), because python3-suds is a Debian
package: another python3 earlier in PATH would not see it.
"""

import base64
import datetime
import sys
from pathlib import Path

import suds.client
import suds.sudsobject

sys.path.append(str(Path(__file__).resolve().parent.parent / "python"))
import node  # noqa: E402 (its folder had to be named first)


def read(value):
    """Plain dictionaries and lists of what suds decoded."""
    if isinstance(value, suds.sudsobject.Object):
        return {k: read(v) for k, v in suds.sudsobject.items(value) if v is not None}
    if isinstance(value, list):
        return [read(v) for v in value]
    return value


def written(value):
    """suds writes a value by the name of its type and knows only the built-in names: to a type
    derived from xs:date, xs:dateTime or xs:base64Binary it gives Python's own spelling."""
    if isinstance(value, dict):
        return {k: written(v) for k, v in value.items()}
    if isinstance(value, list):
        return [written(v) for v in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def connect(wsdl):
    client = suds.client.Client(wsdl, cache=None, timeout=30, extraArgumentErrors=True)

    def call(operation, body):
        return read(getattr(client.service, operation)(**written(body)))

    return call


if __name__ == "__main__":
    sys.exit(node.main("suds", connect))
