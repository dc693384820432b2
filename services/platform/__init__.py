"""What all services share: shells over HTTP and RPC, tokens, settings, rule packs, clocks, the runner."""
