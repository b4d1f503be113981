-- migrate:up
CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(100) NOT NULL UNIQUE
);
INSERT INTO customers (name) VALUES ('house account');

-- migrate:down
DROP TABLE customers;
