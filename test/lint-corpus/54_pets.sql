-- migration: create
-- expect: NO_PRIMARY_KEY
CREATE TABLE chips (chip CHAR(15) NULL, animal INT NOT NULL, UNIQUE KEY (chip));
-- expect: nothing
CREATE TABLE animals (id INT NOT NULL, name VARCHAR(30) NOT NULL, born DATE NULL);
-- expect: nothing
ALTER TABLE animals ADD PRIMARY KEY (id);
-- expect: PRIMARY_KEY_NULL
CREATE TABLE owners (id INT NULL, name VARCHAR(60) NOT NULL, PRIMARY KEY (id));
-- migration: later
-- expect: ADD_NOT_NULL
ALTER TABLE animals ADD COLUMN species VARCHAR(20) NOT NULL;
-- expect: nothing
ALTER TABLE animals ADD COLUMN weight_g INT UNSIGNED NULL;
-- expect: LOST_ATTRIBUTE
ALTER TABLE animals MODIFY name VARCHAR(30);
-- expect: nothing
ALTER TABLE settings_of_pets ALTER COLUMN diet DROP DEFAULT;
