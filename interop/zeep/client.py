#!/usr/bin/python3
"""zeep (Python) plays the node against a station; what it does is in ../python/node.py.

The interpreter is Debian's (/usr/bin/python3), because python3-zeep is a Debian
package: another python3 earlier in PATH would not see it.
"""

import sys
from pathlib import Path

import zeep
from zeep.helpers import serialize_object
from zeep.transports import Transport

sys.path.append(str(Path(__file__).resolve().parent.parent / "python"))
import node  # noqa: E402 (its folder had to be named first)


def pruned(value):
    """zeep materialises every optional element as None; keep only what was said."""
    if isinstance(value, dict):
        return {k: pruned(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [pruned(v) for v in value]
    return value


def connect(wsdl):
    # strict: an element the WSDL does not announce, or in the wrong place, is an error.
    client = zeep.Client(wsdl, settings=zeep.Settings(strict=True),
                         transport=Transport(timeout=30, operation_timeout=30))

    def call(operation, body):
        return pruned(serialize_object(getattr(client.service, operation)(**body), dict))

    return call


if __name__ == "__main__":
    sys.exit(node.main("zeep", connect))
