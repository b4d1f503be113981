/** A migration of the sample, as statements without delimiters. */
export interface SampleMigration {
  readonly name: string
  readonly up: readonly string[]
  readonly down: readonly string[]
}

/** How many of the sample a fixture has applied; the others are pending. */
export const appliedCount = 15

/** Eighteen migrations that a team of ten tables may have: tables, keys, data, views, routines, triggers. The same for every tool. */
export const sample: readonly SampleMigration[] = [
  {
    name: 'create_users',
    up: [
      "CREATE TABLE users (\n  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,\n  email VARCHAR(190) NOT NULL COMMENT 'login; unique, isn''t it',\n  name VARCHAR(100) NOT NULL DEFAULT '',\n  PRIMARY KEY (id),\n  UNIQUE KEY uq_users_email (email)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    ],
    down: ['DROP TABLE users'],
  },
  {
    name: 'create_orders',
    up: [
      'CREATE TABLE orders (\n  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,\n  user_id BIGINT UNSIGNED NOT NULL,\n  total DECIMAL(12,2) NOT NULL DEFAULT 0,\n  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,\n  KEY idx_orders_user (user_id),\n  CONSTRAINT fk_orders_user FOREIGN KEY (user_id) REFERENCES users (id)\n)',
    ],
    down: ['DROP TABLE orders'],
  },
  {
    name: 'add_status',
    up: [
      "ALTER TABLE orders ADD COLUMN status VARCHAR(20) NOT NULL DEFAULT 'new'",
      'CREATE INDEX idx_orders_status ON orders (status, created_at)',
    ],
    down: ['DROP INDEX idx_orders_status ON orders', 'ALTER TABLE orders DROP COLUMN status'],
  },
  {
    name: 'first_users',
    up: [
      "INSERT INTO users (email, name) VALUES ('ann@example.org', 'Ann; first'), ('ben@example.org', 'Ben -- second')",
      "UPDATE users SET name = 'Ann' WHERE email = 'ann@example.org'",
    ],
    down: ["DELETE FROM users WHERE email IN ('ann@example.org', 'ben@example.org')"],
  },
  {
    name: 'create_tags',
    up: ['CREATE TABLE tags (id INT PRIMARY KEY, label VARCHAR(50) NOT NULL)'],
    down: ['DROP TABLE tags'],
  },
  {
    name: 'order_totals_view',
    up: ['CREATE VIEW order_totals AS SELECT user_id, SUM(total) AS total FROM orders GROUP BY user_id'],
    down: ['DROP VIEW order_totals'],
  },
  {
    name: 'trim_names',
    up: [
      "CREATE TRIGGER trim_name BEFORE INSERT ON users FOR EACH ROW\nBEGIN\n  SET NEW.name = TRIM(NEW.name);\n  IF NEW.name = '' THEN\n    SET NEW.name = 'unknown';\n  END IF;\nEND",
    ],
    down: ['DROP TRIGGER trim_name'],
  },
  {
    name: 'close_orders',
    up: [
      "CREATE PROCEDURE close_orders(IN before_day DATE)\nBEGIN\n  DECLARE n INT DEFAULT 0;\n  UPDATE orders SET status = 'closed' WHERE created_at < before_day;\n  SET n = ROW_COUNT();\n  SELECT n;\nEND",
    ],
    down: ['DROP PROCEDURE close_orders'],
  },
  {
    name: 'tag_color',
    up: ["ALTER TABLE tags ADD color ENUM('red','green') NULL AFTER label"],
    down: ['ALTER TABLE tags DROP COLUMN color'],
  },
  {
    name: 'order_tags',
    up: [
      'CREATE TABLE order_tags (order_id BIGINT UNSIGNED NOT NULL, tag_id INT NOT NULL, PRIMARY KEY (order_id, tag_id), CONSTRAINT fk_ot_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE, CONSTRAINT fk_ot_tag FOREIGN KEY (tag_id) REFERENCES tags (id))',
    ],
    down: ['DROP TABLE order_tags'],
  },
  { name: 'drop_legacy', up: ['CREATE TABLE legacy (id INT PRIMARY KEY)', 'DROP TABLE legacy'], down: [] },
  {
    name: 'email_length',
    up: ['ALTER TABLE users MODIFY email VARCHAR(255) NOT NULL'],
    down: ['ALTER TABLE users MODIFY email VARCHAR(190) NOT NULL'],
  },
  {
    name: 'net_total',
    up: ['ALTER TABLE orders ADD net DECIMAL(12,2) AS (total / 1.19) STORED, ADD KEY idx_net (net)'],
    down: ['ALTER TABLE orders DROP KEY idx_net, DROP COLUMN net'],
  },
  {
    name: 'colors_of_tags',
    up: [
      "INSERT INTO tags (id, label, color) VALUES (1, 'urgent', 'red')",
      "INSERT INTO tags (id, label, color) VALUES (2, 'paid', 'green')",
    ],
    down: ['DELETE FROM tags WHERE id IN (1, 2)'],
  },
  {
    name: 'settings',
    up: ['CREATE TABLE settings (name VARCHAR(64) PRIMARY KEY, value JSON, CHECK (CHAR_LENGTH(name) > 1))'],
    down: ['DROP TABLE settings'],
  },
  {
    name: 'create_audit',
    up: ['CREATE TABLE audit (id BIGINT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(200) NOT NULL)'],
    down: ['DROP TABLE audit'],
  },
  {
    name: 'first_setting',
    up: ["INSERT INTO settings (name, value) VALUES ('limits', '{\"orders\": 10}')"],
    down: ["DELETE FROM settings WHERE name = 'limits'"],
  },
  {
    name: 'audit_index',
    up: ['CREATE INDEX idx_audit_what ON audit (what(50))'],
    down: ['DROP INDEX idx_audit_what ON audit'],
  },
]

/** Needs a delimiter of its own: it has semicolons inside. */
export function isCompound(statement: string): boolean {
  return /\bBEGIN\b/.test(statement)
}
