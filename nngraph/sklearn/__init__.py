"""Networks as scikit-learn's estimators: in pipelines, grid searches and cross-validations."""

from nngraph.sklearn.estimators import NNGraphClassifier as NNGraphClassifier
from nngraph.sklearn.estimators import NNGraphRegressor as NNGraphRegressor
from nngraph.sklearn.estimators import NNGraphTransformer as NNGraphTransformer
