"""Tests of `indicators`: figures against a naive count, money against its laws, rules against worked examples."""
