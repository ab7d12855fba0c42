"""Hours and change: do people with more hours change more? Never why."""

from twinimpact.impact.dose.door import DosePlan, dose_response
from twinimpact.impact.dose.waves import wave_trend

__all__ = ["DosePlan", "dose_response", "wave_trend"]
