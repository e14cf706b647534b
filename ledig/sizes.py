"""`ledig size`: by what was measured, by a scenario, or how well the models of scenarios do."""

import threading
from argparse import Namespace

from ledig.modeltest import models_tested
from ledig.scenario import size_scenario
from ledig.settings import Settings
from ledig.sizing import size_house


def sizes(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Do what was asked for; return the exit status.

    Raises:
        CommandError: with what is in the way.
    """
    if arguments.scenario:
        return size_scenario(arguments, stop)
    return models_tested(arguments, settings, stop) if arguments.back_test else size_house(arguments, settings, stop)
