"""The equations of a step: numbers shared by groups as a border around each group's own.

The second derivatives are block-diagonal apart from the shared numbers, so that solving them
costs a fixed amount per group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twinimpact.measures.invariance.model import Layout

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Border:
    """The equations of one layout: shared numbers as a border around each group's own.

    Parameters
    ----------
    index
        As in the layout.
    shared
        Free parameters that stand for more than one value.
    own
        Where a group's parameter is free and its own, shape (groups, parameters).
    links
        1 where a group's parameter is a shared one, shape (groups, parameters, shared).
    """

    index: Array
    size: int
    shared: Array
    own: Array
    links: Array

    def gathered(self, gradient: Array) -> Array:
        """Gradient of the free parameters, from those of every group."""
        use = self.index >= 0
        return np.bincount(self.index[use], weights=gradient[use], minlength=self.size)

    def solve(self, second: Array, gradient: Array) -> Array:
        """``H⁻¹g`` for the free parameters.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the equations have no single solution.
        """
        own, border, middle = self._parts(second)
        right = np.where(self.own, gradient, 0.0)
        solved = np.linalg.solve(own, np.concatenate([border, right[:, :, None]], axis=2))
        inner, alone = solved[:, :, :-1], solved[:, :, -1]
        shared = np.einsum("gps,gp->s", self.links, gradient)
        shared = shared - np.einsum("gps,gp->s", border, alone)
        found = np.linalg.solve(self._schur(border, middle, inner), shared)
        step = np.zeros(self.size)
        step[self.shared] = found
        step[self.index[self.own]] = (alone - inner @ found)[self.own]
        return step

    def variances(self, second: Array) -> Array:
        """Diagonal of ``H⁻¹`` for the free parameters.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the equations have no single solution.
        """
        own, border, middle = self._parts(second)
        inner = np.linalg.solve(own, border)
        shared = np.linalg.inv(self._schur(border, middle, inner))
        alone = np.diagonal(np.linalg.inv(own), axis1=1, axis2=2)
        alone = alone + np.einsum("gps,st,gpt->gp", inner, shared, inner)
        found = np.zeros(self.size)
        found[self.shared] = np.diagonal(shared)
        found[self.index[self.own]] = alone[self.own]
        return found

    def _parts(self, second: Array) -> tuple[Array, Array, Array]:
        mine = self.own[:, :, None] & self.own[:, None, :]
        own = np.where(mine, second, 0.0)
        places = np.arange(own.shape[1])
        own[:, places, places] += ~self.own
        linked = second @ self.links
        middle = np.einsum("gps,gpt->st", self.links, linked)
        return own, np.where(self.own[:, :, None], linked, 0.0), middle

    @staticmethod
    def _schur(border: Array, middle: Array, inner: Array) -> Array:
        return np.asarray(middle - np.einsum("gps,gpt->st", border, inner))


def border_of(layout: Layout) -> Border:
    """Which numbers of a layout are shared and which belong to one group."""
    index = layout.index
    often = np.bincount(index[index >= 0], minlength=layout.free) > 1
    shared = np.flatnonzero(often)
    place = np.full(layout.free + 1, -1)
    place[shared] = np.arange(len(shared))
    return Border(
        index=index,
        size=layout.free,
        shared=shared,
        own=(index >= 0) & ~np.append(often, True)[index],
        links=(place[index][:, :, None] == np.arange(len(shared))).astype("float64"),
    )
