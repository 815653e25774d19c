"""Networks: architectures, the bank of networks trained side by side, the fitted prefix model."""

from collections.abc import Callable, Mapping
from functools import partial

from gdpd_sklearn.networks._bank import Bank, KeptStates, merge_states, split_states, stack_outputs
from gdpd_sklearn.networks._bank_optimizer import (
    OptimizerState,
    ScheduleState,
    member_states,
    resume,
    schedule_state,
    state_of,
)
from gdpd_sklearn.networks._base import (
    Architecture,
    Network,
    NetworkOutput,
    count_parameters,
    is_finite,
)
from gdpd_sklearn.networks._coordinate_map import CoordinateMap, LinearBackbone
from gdpd_sklearn.networks._custom import Custom
from gdpd_sklearn.networks._ensemble import Ensemble
from gdpd_sklearn.networks._fcn import FCN, CausalFCN
from gdpd_sklearn.networks._inception import InceptionTime, SerialInception
from gdpd_sklearn.networks._lite import LITE
from gdpd_sklearn.networks._lstm import LSTM
from gdpd_sklearn.networks._prefix_model import PrefixModel
from gdpd_sklearn.networks._resnet import ResNet
from gdpd_sklearn.networks._rocket import Rocket, RocketNetwork
from gdpd_sklearn.networks._rocket_answers import RocketAnswers
from gdpd_sklearn.networks._rocket_contributions import Contributions, contributions
from gdpd_sklearn.networks._rocket_features import RocketFeatures
from gdpd_sklearn.networks._rocket_state import RocketState
from gdpd_sklearn.networks._rocket_stream import RocketStream

ARCHITECTURES: Mapping[str, Callable[[], Architecture]] = {
    "fcn": FCN,
    "causal_fcn": CausalFCN,
    "lite": LITE,
    "lstm": LSTM,
    "resnet": ResNet,
    "inception_time": InceptionTime,
    "rocket": Rocket,
    # the networks of the paper, by the names of its Table 9
    "lstm3-100": partial(LSTM, n_layers=3, hidden_size=100, longest_memory=None),
    "lstm2-32": partial(LSTM, n_layers=2, hidden_size=32, longest_memory=None),
    "lstm1-8": partial(LSTM, n_layers=1, hidden_size=8, longest_memory=None),
    "resnet32-64": ResNet,
    "inception55-32": SerialInception,
}
"""Name to architecture; ``teacher=`` and ``student=`` take these names."""

__all__ = [
    "ARCHITECTURES",
    "FCN",
    "LITE",
    "LSTM",
    "Architecture",
    "Bank",
    "CausalFCN",
    "Contributions",
    "CoordinateMap",
    "Custom",
    "Ensemble",
    "InceptionTime",
    "KeptStates",
    "LinearBackbone",
    "Network",
    "NetworkOutput",
    "OptimizerState",
    "PrefixModel",
    "ResNet",
    "Rocket",
    "RocketAnswers",
    "RocketFeatures",
    "RocketNetwork",
    "RocketState",
    "RocketStream",
    "ScheduleState",
    "SerialInception",
    "contributions",
    "count_parameters",
    "is_finite",
    "member_states",
    "merge_states",
    "resume",
    "schedule_state",
    "split_states",
    "stack_outputs",
    "state_of",
]
