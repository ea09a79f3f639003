"""Of E002, what cannot be written back into a spec."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

WRITE_BACK_TEXTS: tuple[Text, ...] = (
    Text(
        "the network is not the one that '{spec}' describes, so its weights cannot be "
        "written there: {difference}",
        "put into the spec what -s changed, and train that",
        case="write-back-network",
    ),
    Text(
        "a spec cannot say {weights}, so the weights cannot be written into '{spec}'",
        "scales, shifts and running means of norms, and slopes that differ between "
        "the units of a node, are kept by the run folder alone",
        case="write-back-unsayable",
    ),
    Text(
        "--write-back needs the file of the spec into which it writes",
        "nngraph train SPEC --resume RUN --write-back",
        case="write-back-where",
    ),
    Text(
        "there is no file of a spec to write the weights into",
        "name it: model.write_back('net.yaml')",
        case="write-back-file",
    ),
    Text(
        "'{spec}' is a spec, and weights are written into a spec from a run",
        "nngraph train SPEC --write-back trains and writes them at once",
        case="weights-of-run",
    ),
    Text(
        "--into writes the weights as they were trained, so neither -s, --seed nor "
        "--initial goes with it",
        "leave them out; a run of its own can be trained with them",
        case="weights-as-trained",
    ),
)
