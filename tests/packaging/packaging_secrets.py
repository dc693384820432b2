"""Secrets of a deployment, made by the command that people use."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def make(folder: Path, *options: str) -> Path:
    """Runs `daybook secrets`."""
    command = [sys.executable, "-m", "services.cli", "secrets", str(folder), *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder
