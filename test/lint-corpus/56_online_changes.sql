-- migration: create
-- expect: nothing
CREATE TABLE parcels_in_transit (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, code VARCHAR(40) NOT NULL, weight INT NOT NULL, state VARCHAR(12) NOT NULL DEFAULT 'new', KEY (code));
-- migration: later
-- expect: ALGORITHM_REFUSED
ALTER TABLE parcels_in_transit ADD KEY by_state (state), ALGORITHM=INSTANT;
-- expect: REDUNDANT_INDEX
ALTER TABLE parcels_in_transit ADD KEY by_state_code (state, code), ALGORITHM=INPLACE, LOCK=NONE;
-- expect: LOCK_REQUESTED, BLOCKING_LOCK
ALTER TABLE parcels_in_transit ADD KEY by_weight (weight), LOCK=EXCLUSIVE;
-- expect: REBUILD_REQUESTED
OPTIMIZE TABLE parcels_in_transit;
-- expect: VARCHAR_LENGTH_BYTE, BLOCKING_COPY
ALTER TABLE parcels_in_transit MODIFY code VARCHAR(300) NOT NULL;
-- expect: INSTANT_LOST
ALTER TABLE parcels_in_transit ADD COLUMN eta DATE NULL, ROW_FORMAT=DYNAMIC;
-- expect: OLD_ROW_FORMAT
ALTER TABLE parcels_in_transit ROW_FORMAT=COMPRESSED;
-- expect: ALGORITHM_REFUSED
ALTER TABLE parcels_in_transit ADD COLUMN depot SMALLINT NULL, ALGORITHM=INSTANT;
