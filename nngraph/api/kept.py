"""How a model is kept: as a run folder, a module, a report, or in its own spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nngraph.app.recording import save_network
from nngraph.train.data_files import DataPlace
from nngraph.train.learner import Learner
from nngraph.train.position import Epochs
from nngraph.train.run_folder import new_folder

if TYPE_CHECKING:
    from nngraph.app.export import Exported, Layout, Scaling
    from nngraph.app.write_back import WroteBack
    from nngraph.render.colours import Theme


class Kept:
    """The part of `Model` that writes it."""

    _learner: Learner
    _place: DataPlace
    _run: Path | None
    _history: Epochs

    def export(
        self,
        path: str | Path,
        *,
        opset: int | None = None,
        layout: Layout = "channels_last",
        scaling: Scaling = "inside",
    ) -> Exported:
        """Write the network for where nngraph is not; the ending of `path` says as what.

        .py is a readable module that needs NumPy alone, its weights beside it: outputs, loss and
        gradients. .onnx is a model of operator set `opset` (21), with images as `layout` says, that
        takes raw inputs or, with `scaling="beside"`, scaled ones; it is run and compared. Gives the
        files, with what was compared.

        Errors: UsageError for another ending, a name that cannot be imported, what the format
        cannot say; FileError.
        """
        from nngraph.app.export import export

        return export(self._learner, Path(path), opset=opset, layout=layout, scaling=scaling)

    def save(self, folder: str | Path) -> Path:
        """Write a run folder that `nngraph.load` and the command line read.

        Errors: FileError for a folder that holds anything already; NonFiniteError for weights
        that are not finite.
        """
        from nngraph.insight.drawings import draw_run

        document = self._learner.document
        path = new_folder(document.name, Path(folder), document.source.text)
        save_network(path, self._learner, self._history, self._place)
        draw_run(path, self._learner, self._history)
        self._run = path
        return path

    def write_back(self, spec: str | Path | None = None) -> WroteBack:
        """Write the weights into the file of the spec: numbers of single neurons where they stand,
        arrays to a .npz file that the edges name; all else in the file stays as it is.

        `spec` is that file, by default the one that the model was compiled from.

        Errors: UsageError for a spec that is no file, and for weights that a spec cannot say;
        ModelFileError where the file says something else than it did; FileError.
        """
        from nngraph.app.write_back import file_of, write_back_learner, write_back_run

        document = self._learner.document
        path = file_of(document) if spec is None else Path(spec)
        if self._run is not None:
            return write_back_run(self._run, path, document.data_root)
        return write_back_learner(self._learner, path, document.source.text)

    def report(self, path: str | Path, *, theme: Theme = "auto") -> Path:
        """Write one HTML file that tells of the model: curves, figures, what is right and wrong.

        Of a model that a run holds it tells what the run recorded, else what is known here.

        Errors: UsageError for another ending than .html; FileError.
        """
        from nngraph.app.report import story_in_memory, write_report
        from nngraph.insight.report import story_of_run

        if self._run is not None:
            story = story_of_run(self._run, self._learner, self._place)
        else:
            story = story_in_memory(self._learner, self._place, self._history)
        write_report(story, Path(path), theme)
        return Path(path)
