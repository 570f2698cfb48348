"""Numbers of persons in free text, which is shown to more people than numbers may be.

A resident's number and telephone are sealed where they belong. Typed into the text of
a matter they would be read by everybody who handles it and stand in lists and backups:
so the middle of them is hidden before the text is kept, and whoever wrote it is told.
The old numbers of 15 digits are left, for codes of cells have as many.
"""

import re
from typing import overload

NOTICE = "文字中的身份证号、手机号已隐去中间几位 (numbers of persons were masked)"

_ID_NUMBER = re.compile(r"(?<!\d)(\d{6})([ -]?)\d{8}([ -]?)(\d{3}[\dXxＸｘ])(?![\dXx])")
_PHONE = re.compile(
    r"(?<!\d)((?:\+?86[ -]?)?)([1１][3-9３-９]\d)([ -]?)\d{4}([ -]?)(\d{4})(?!\d)"
)


@overload
def masked(written: str) -> str: ...
@overload
def masked(written: None) -> None: ...
def masked(written: str | None) -> str | None:
    """Return a text with the middle of identity numbers and mobile phones hidden."""
    if written is None:
        return None
    hidden = _ID_NUMBER.sub(r"\1\2********\3\4", written)
    return _PHONE.sub(r"\1\2\3****\4\5", hidden)


def notice(*written: str | None) -> str | None:
    """Return what to tell who wrote texts of which something is masked, if anything."""
    return NOTICE if any(masked(each) != each for each in written) else None
