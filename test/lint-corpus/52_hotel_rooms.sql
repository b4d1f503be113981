-- migration: create
-- expect: REDUNDANT_INDEX
CREATE TABLE stays (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, room SMALLINT NOT NULL, guest BIGINT NOT NULL, arrives DATE NOT NULL, leaves DATE NOT NULL, KEY by_room (room), KEY by_room_day (room, arrives), KEY by_guest (guest));
-- expect: DUPLICATE_INDEX
CREATE TABLE guests (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(120) NOT NULL, KEY mail_a (email), KEY mail_b (email));
-- expect: nothing
CREATE TABLE rates (room SMALLINT NOT NULL, night DATE NOT NULL, rate DECIMAL(8,2) NOT NULL, PRIMARY KEY (room, night), KEY by_night (night, rate));
-- expect: SEVERAL_PRIMARY_KEYS
CREATE TABLE keycards (id INT NOT NULL PRIMARY KEY, room SMALLINT NOT NULL, PRIMARY KEY (room));
-- migration: later
-- expect: ADD_UNIQUE
ALTER TABLE guests ADD UNIQUE KEY one_mail (email);
-- expect: PRIMARY_KEY_DROPPED, BLOCKING_COPY, DROP_INDEX
ALTER TABLE rates DROP PRIMARY KEY;
-- expect: ADD_CHECK, BLOCKING_COPY
ALTER TABLE stays ADD CONSTRAINT in_order CHECK (leaves > arrives);
