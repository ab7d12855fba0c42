"""The second opinion on an XLSForm: pyxform, where it is installed."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from twinimpact.errors import DefinitionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What pyxform said.

    Parameters
    ----------
    ran
        Whether pyxform is installed and compiled the form.
    validated
        Whether ODK Validate, which needs Java, checked the result too.
    warnings
        Its remarks, as it words them.
    """

    ran: bool
    validated: bool = False
    warnings: tuple[str, ...] = ()


def compile_form(path: Path, *, validate: bool | None = None) -> Compiled:
    """Compile a form with pyxform.

    Parameters
    ----------
    validate
        Run ODK Validate too; by default wherever Java is found.

    Raises
    ------
    DefinitionError
        If pyxform refuses the form.
    """
    if importlib.util.find_spec("pyxform") is None:
        return Compiled(ran=False)
    from pyxform.errors import PyXFormError
    from pyxform.validators.odk_validate import ODKValidateError
    from pyxform.xls2xform import convert

    wanted = shutil.which("java") is not None if validate is None else validate
    try:
        made = convert(path, validate=wanted)
    except (PyXFormError, ODKValidateError) as error:
        raise DefinitionError(
            "The form does not compile.", where=path.name, got=str(error).strip()
        ) from error
    return Compiled(ran=True, validated=wanted, warnings=tuple(map(str, made.warnings)))
