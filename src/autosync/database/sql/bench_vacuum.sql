-- Vacuums and analyzes every table.
vacuum (analyze)
