"""JSON Schema made strict enough to judge by: a closed dialect compiled into predicates that know what they do not know.

A verdict true or false holds in every completion of the holes; jsonschema is the reference where there are none.
"""

from hostcheck.schema.dialect import DialectError, bind, check, inline, same_place, subschemas
from hostcheck.schema.kleene import Ternary, Unknown
from hostcheck.schema.leaves import Predicate
from hostcheck.schema.predicates import compile_schema

__all__ = ["DialectError", "Predicate", "Ternary", "Unknown", "bind", "check", "compile_schema", "inline", "same_place", "subschemas"]
