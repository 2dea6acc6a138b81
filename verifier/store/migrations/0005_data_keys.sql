-- What belongs to a subject is sealed under its data key.
SELECT 1;
