"""The invented towns of the demo and the links between them.

Every name is made up. The links differ on purpose, so that each design the package
knows appears once: two towns against two, two against one, one against one, no
comparison, very few people, many events but few answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from twinimpact.entities import Partnership, Town

WAVES = ("pre", "post", "followup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A partnership and how its people are surveyed.

    Parameters
    ----------
    partnership
        The link itself; its first town is the reporting town.
    participants, comparison
        Responding towns with the number of people asked at the first wave.
    strength
        Multiplies the planted change of every scale.
    returns
        Share of the first wave that answers the second and the third time.
    newcomers
        People who answer the second time only.
    profile
        Who takes part: ``citizens``, ``school`` or ``officials``.
    held
        Events held up to the evaluation's date.
    """

    partnership: Partnership
    participants: tuple[tuple[str, int], ...]
    comparison: tuple[tuple[str, int], ...] = ()
    strength: float = 1.0
    returns: tuple[float, float] = (0.86, 0.62)
    newcomers: int = 2
    profile: str = "citizens"
    basis: str = "agreement"
    status: str = "active"
    held: int = 8


TOWNS = tuple(
    Town(town_id=key, name=name, country=country, population=population)
    for key, name, country, population in (
        ("lindenfurt", "Lindenfurt", "DE", 38400),
        ("aschwinkel", "Aschwinkel", "DE", 21750),
        ("kleinhain", "Kleinhain", "DE", 4120),
        ("morvelle", "Morvelle-sur-Orle", "FR", 17900),
        ("castelmoure", "Castelmoure", "FR", 8650),
        ("lipogora", "Lipogóra", "PL", 26300),
        ("krasnowiec", "Krasnowiec Stary", "PL", 11200),
        ("vrbohrad", "Vrbohrad", "CZ", 14800),
        ("javorna", "Horní Javornice", "CZ", 6900),
        ("oberkarstein", "Oberkarstein", "AT", 9300),
        ("pietravalda", "Pietravalda", "IT", 12450),
        ("tiszaberek", "Tiszaberekföld", "HU", 15600),
        ("villarreyes", "Villarreyes del Olmo", "ES", 10800),
        ("oosterwaarde", "Oosterwaarde", "NL", 31200),
        ("duinvoorde", "Duinvoorde", "NL", 5300),
    )
)

COMPARISON_TOWNS = tuple(
    Town(town_id=key, name=name, country=country, population=population)
    for key, name, country, population in (
        ("wiesenbrueck", "Wiesenbrück am Rott", "DE", 35100),
        ("fontarelle", "Fontarelle-les-Prés", "FR", 18800),
        ("hagenrode", "Hagenroda", "DE", 19900),
        ("brzozogrod", "Brzozogród", "PL", 24100),
        ("jedlohrad", "Jedlohrad", "CZ", 13700),
        ("montefalda", "Montefalda", "IT", 11900),
    )
)


def _partnership(key: str, form: str, signed: str, aims: str) -> Partnership:
    names = {town.town_id: town.name for town in TOWNS}
    first, second = key.split("--")
    return Partnership(
        partnership_id=f"{first[:3]}-{second[:3]}",
        name=f"{names[first]} – {names[second]}",
        form=form,
        towns=(first, second),
        date_signed=signed,
        aims=tuple(aims.split()),
    )


LINKS = (
    Link(
        partnership=_partnership(
            "lindenfurt--morvelle", "formal", "1987-06-14", "culture youth reconciliation"
        ),
        participants=(("lindenfurt", 26), ("morvelle", 24)),
        comparison=(("wiesenbrueck", 20), ("fontarelle", 20)),
        held=14,
    ),
    Link(
        partnership=_partnership(
            "aschwinkel--lipogora", "formal", "2001-09-08", "education social environment"
        ),
        participants=(("aschwinkel", 22), ("lipogora", 21)),
        comparison=(("hagenrode", 18), ("brzozogrod", 17)),
        strength=1.2,
        held=11,
    ),
    Link(
        partnership=_partnership("vrbohrad--oberkarstein", "formal", "1994", "tourism culture"),
        participants=(("vrbohrad", 20), ("oberkarstein", 18)),
        comparison=(("jedlohrad", 20),),
        strength=0.9,
        held=9,
    ),
    Link(
        partnership=_partnership(
            "pietravalda--castelmoure", "formal", "2009-05-02", "youth education"
        ),
        participants=(("pietravalda", 26),),
        comparison=(("montefalda", 22),),
        profile="school",
        held=7,
    ),
    Link(
        partnership=_partnership(
            "tiszaberek--villarreyes", "project", "2022-03-01", "environment eu_integration"
        ),
        participants=(("tiszaberek", 30), ("villarreyes", 28)),
        strength=0.8,
        basis="contract",
        held=8,
    ),
    Link(
        partnership=_partnership("oosterwaarde--lindenfurt", "informal", "", "sport culture"),
        participants=(("oosterwaarde", 18), ("lindenfurt", 15)),
        strength=0.5,
        basis="none",
        held=4,
    ),
    Link(
        partnership=_partnership("kleinhain--duinvoorde", "formal", "2024-10-19", "social youth"),
        participants=(("kleinhain", 5), ("duinvoorde", 5)),
        returns=(0.7, 0.6),
        newcomers=1,
        basis="declaration",
        held=2,
    ),
    Link(
        partnership=_partnership(
            "krasnowiec--javorna", "formal", "1998-07-11", "self_government town_development"
        ),
        participants=(("krasnowiec", 12), ("javorna", 11)),
        strength=1.1,
        returns=(0.74, 0.5),
        profile="officials",
        held=31,
    ),
)


def all_towns() -> tuple[Town, ...]:
    """Twinned towns, then comparison towns."""
    return TOWNS + COMPARISON_TOWNS


def comparison_of(link: Link) -> tuple[str, ...]:
    """Ids of the towns whose people serve as comparison for ``link``."""
    return tuple(town for town, _ in link.comparison)
