"""The commands: thin doors to the rooms behind them."""
