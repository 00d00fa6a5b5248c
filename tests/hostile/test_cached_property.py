"""`functools.cached_property` as a way to attributes that are not the program's."""

import pytest

from tests.play import Play

CACHED = {
    "on a module": """
import functools, json
c = functools.cached_property(lambda _: 5)
c.attrname = 'dumps'
c.__get__(json, None)
""",
    "under a private name of the library": """
import configparser, functools
class Reader(configparser.ConfigParser): pass
c = functools.cached_property(lambda _: 'mine')
c.attrname = '_interpolation'
c.__get__(Reader())
""",
    "whose name is nearly text": """
import functools
class Name(str):
    def __hash__(self): return hash('_interpolation')
class Own: pass
c = functools.cached_property(lambda _: 'mine')
c.attrname = Name('harmless')
c.__get__(Own())
""",
    "whose name changes": """
import configparser, functools
class Reader(configparser.ConfigParser): pass
names = ['harmless', '_interpolation', '_interpolation', '_interpolation']
class Changing(functools.cached_property):
    @property
    def attrname(self): return names.pop(0)
    @attrname.setter
    def attrname(self, name): pass
r = Reader()
found = Changing(lambda _: 'mine').__get__(r)
names[:] = ['_interpolation'] * 4
Changing(lambda _: 'mine').__get__(r)
""",
}


@pytest.mark.parametrize("name", CACHED)
async def test_a_cached_property_keeps_what_is_the_programs_own(play: Play, name: str) -> None:
    """It reads and writes an attribute under a name that a program can choose."""
    error = (await play(CACHED[name])).error

    assert (error.kind, error.type) in {("runtime", "AttributeError"), ("runtime", "TypeError")}
