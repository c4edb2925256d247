"""Paper: lays out, marks and assembles the printed packet (胶装册) as PDF."""
