"""Training: the loop, its figures, the run folder, and reading it back."""

from nngraph.train.arrays import Predictor, input_arrays, rows_of_arrays, target_arrays
from nngraph.train.data_files import HERE, DataPlace
from nngraph.train.evaluation import Evaluation
from nngraph.train.feed import Feed, Rows
from nngraph.train.held import Predictors
from nngraph.train.interrupt import Interrupt, Postponed
from nngraph.train.learner import Learner, part_of, rows_of, seed_of
from nngraph.train.learner_data import load_data, load_rows
from nngraph.train.load_run import load_run
from nngraph.train.loop import Settings, restore_best, train
from nngraph.train.metrics import Figure, MetricPlan
from nngraph.train.monitors import check_monitors
from nngraph.train.ports import (
    figure_names,
    input_ports,
    judged,
    metric_plans,
    ports_of,
    target_ports,
)
from nngraph.train.position import Epoch, Position
from nngraph.train.run_folder import CURVES, NETWORK, new_folder
from nngraph.train.statistics import Statistics, read_statistics

__all__ = [
    "CURVES",
    "HERE",
    "NETWORK",
    "DataPlace",
    "Epoch",
    "Evaluation",
    "Feed",
    "Figure",
    "Interrupt",
    "MetricPlan",
    "Learner",
    "Position",
    "Postponed",
    "Predictor",
    "Predictors",
    "Rows",
    "Settings",
    "Statistics",
    "check_monitors",
    "figure_names",
    "input_arrays",
    "input_ports",
    "judged",
    "load_data",
    "load_rows",
    "load_run",
    "metric_plans",
    "new_folder",
    "part_of",
    "ports_of",
    "read_statistics",
    "restore_best",
    "rows_of",
    "rows_of_arrays",
    "seed_of",
    "target_arrays",
    "target_ports",
    "train",
]
