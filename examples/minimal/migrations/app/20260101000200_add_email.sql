-- migrate:up
ALTER TABLE people ADD COLUMN email VARCHAR(255) NULL;

-- migrate:down
ALTER TABLE people DROP COLUMN email;
