-- The public log, redemption, status of tokens, the feed of events and its deliveries.
SELECT 1;
