"""The language of operators' rules: conditions over facts, typed, without loops, in linear time."""
