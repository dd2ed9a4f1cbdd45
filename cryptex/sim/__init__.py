"""Markets that live by themselves: clocks, bots, agents, scenarios and what is made of their runs."""
