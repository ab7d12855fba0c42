"""``python -m twinimpact`` is the same as the ``twinimpact`` command."""

from twinimpact.cli import main

if __name__ == "__main__":
    main()
