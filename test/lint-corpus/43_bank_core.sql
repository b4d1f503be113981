-- migration: create
-- expect: nothing
CREATE TABLE ledgers (iban CHAR(34) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, owner_id BIGINT UNSIGNED NOT NULL, balance DECIMAL(19,4) NOT NULL DEFAULT 0, CONSTRAINT not_negative CHECK (balance >= 0), KEY (owner_id));
-- expect: nothing
CREATE TABLE postings (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, iban CHAR(34) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, amount DECIMAL(19,4) NOT NULL, booked_at DATETIME(6) NOT NULL, PRIMARY KEY (id), KEY by_account (iban, booked_at), CONSTRAINT of_account FOREIGN KEY (iban) REFERENCES ledgers (iban));
-- expect: CHECK_NOT_FIXED
CREATE TABLE standing_orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, iban CHAR(34) NOT NULL, first_on DATE NOT NULL, CHECK (first_on > CURRENT_DATE), KEY (iban));
-- migration: later
-- expect: DROP_CONSTRAINT
ALTER TABLE ledgers DROP CHECK not_negative;
-- expect: SET_WITH_AND
UPDATE ledgers SET balance = 0 AND owner_id = 7 WHERE iban = 'DE00';
-- expect: UPDATE_PRIMARY_KEY
UPDATE ledgers SET iban = 'DE02' WHERE iban = 'DE01';
-- expect: nothing
UPDATE ledgers SET owner_id = 8 WHERE iban = 'DE02';
-- expect: PARENT_DROPPED_FIRST, DROP_TABLE
DROP TABLE ledgers;
