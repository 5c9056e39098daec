"""What each count is called, in Vietnamese and English: formulas, pages and documentation take their words here."""

from collections.abc import Mapping

from service.domain.both_languages import Words
from service.domain.json_beside import json_beside

COUNT_NAMES: Mapping[str, Words] = {count: Words(**words) for count, words in json_beside(__file__).items()}
