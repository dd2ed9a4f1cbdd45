"""The command line: Typer commands over the SDK. One file per noun; `output` alone prints and sets exit codes."""
