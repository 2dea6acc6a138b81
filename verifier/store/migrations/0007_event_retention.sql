-- What is old is forgotten, some at a time; and what is due is found party by party.
CREATE INDEX event_by_time ON event (at_ms);
DROP INDEX delivery_due;
CREATE INDEX delivery_due_by_party ON delivery (relying_party, next_ms) WHERE state = 1;
