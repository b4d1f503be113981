-- A service for teams: written by a team that reviews.
-- migration: tables
CREATE TABLE organizations (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  public_id BINARY(16) NOT NULL,
  name VARCHAR(120) NOT NULL,
  plan VARCHAR(20) NOT NULL DEFAULT 'free',
  created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  updated_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (id),
  UNIQUE KEY uq_organizations_public_id (public_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_ai_ci COMMENT = 'Customers';
CREATE TABLE members (
  organization_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  role VARCHAR(20) NOT NULL,
  joined_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (organization_id, user_id),
  KEY ix_members_user (user_id),
  CONSTRAINT fk_members_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_ai_ci;
CREATE TABLE projects (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  organization_id BIGINT UNSIGNED NOT NULL,
  slug VARCHAR(63) NOT NULL,
  title VARCHAR(200) NOT NULL,
  archived_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_projects_slug (organization_id, slug),
  CONSTRAINT fk_projects_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_ai_ci;
CREATE TABLE api_keys (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  organization_id BIGINT UNSIGNED NOT NULL,
  prefix CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  secret_hash BINARY(32) NOT NULL,
  scopes JSON NOT NULL,
  last_used_at DATETIME(3) NULL,
  revoked_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_api_keys_prefix (prefix),
  KEY ix_api_keys_organization (organization_id),
  CONSTRAINT fk_api_keys_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_ai_ci;
CREATE TABLE events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  project_id BIGINT UNSIGNED NOT NULL,
  kind VARCHAR(40) NOT NULL,
  payload JSON NOT NULL,
  occurred_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_events_project_time (project_id, occurred_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_ai_ci;
CREATE TABLE webhooks (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, project_id BIGINT UNSIGNED NOT NULL, url VARCHAR(2000) NOT NULL, secret VARBINARY(64) NOT NULL, is_enabled TINYINT(1) NOT NULL DEFAULT 1, PRIMARY KEY (id), KEY ix_webhooks_project (project_id)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE webhook_deliveries (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, webhook_id BIGINT UNSIGNED NOT NULL, status SMALLINT NOT NULL, attempt TINYINT UNSIGNED NOT NULL DEFAULT 1, sent_at DATETIME(3) NOT NULL, PRIMARY KEY (id), KEY ix_deliveries_webhook_time (webhook_id, sent_at), CONSTRAINT fk_deliveries_webhook FOREIGN KEY (webhook_id) REFERENCES webhooks (id)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE usage_daily (organization_id BIGINT UNSIGNED NOT NULL, day DATE NOT NULL, metric VARCHAR(40) NOT NULL, amount BIGINT UNSIGNED NOT NULL, PRIMARY KEY (organization_id, day, metric)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE invoices (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, organization_id BIGINT UNSIGNED NOT NULL, number VARCHAR(20) NOT NULL, currency CHAR(3) NOT NULL, total DECIMAL(12,2) NOT NULL, issued_on DATE NOT NULL, paid_at DATETIME NULL, PRIMARY KEY (id), UNIQUE KEY uq_invoices_number (number), KEY ix_invoices_organization_issued (organization_id, issued_on)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE invoice_lines (invoice_id BIGINT UNSIGNED NOT NULL, line_no SMALLINT UNSIGNED NOT NULL, description VARCHAR(255) NOT NULL, quantity DECIMAL(10,3) NOT NULL, unit_price DECIMAL(12,4) NOT NULL, PRIMARY KEY (invoice_id, line_no), CONSTRAINT fk_lines_invoice FOREIGN KEY (invoice_id) REFERENCES invoices (id) ON DELETE CASCADE) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE login_attempts (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, email VARCHAR(190) NOT NULL, ip VARBINARY(16) NOT NULL, succeeded TINYINT(1) NOT NULL, tried_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), PRIMARY KEY (id), KEY ix_attempts_email_time (email, tried_at), KEY ix_attempts_ip_time (ip, tried_at)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE idempotency_keys (organization_id BIGINT UNSIGNED NOT NULL, idem_key VARCHAR(100) NOT NULL, response JSON NULL, created_at DATETIME(3) NOT NULL, PRIMARY KEY (organization_id, idem_key), KEY ix_idempotency_created (created_at)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
-- migration: month_one
ALTER TABLE projects ADD COLUMN description VARCHAR(500) NULL;
ALTER TABLE members ADD COLUMN invited_by BIGINT UNSIGNED NULL;
ALTER TABLE events ADD KEY ix_events_kind_time (kind, occurred_at);
-- useful: BLOCKING_COPY, ADD_FOREIGN_KEY
ALTER TABLE webhooks ADD CONSTRAINT fk_webhooks_project FOREIGN KEY (project_id) REFERENCES projects (id);
ALTER TABLE organizations ADD COLUMN billing_email VARCHAR(190) NULL;
ALTER TABLE api_keys ADD COLUMN name VARCHAR(80) NOT NULL DEFAULT '', ALGORITHM=INSTANT;
ALTER TABLE usage_daily ADD KEY ix_usage_day (day), ALGORITHM=INPLACE, LOCK=NONE;
-- migration: month_two
ALTER TABLE organizations MODIFY plan VARCHAR(40) NOT NULL DEFAULT 'free';
ALTER TABLE invoices ADD COLUMN tax_rate DECIMAL(5,4) NOT NULL DEFAULT 0;
ALTER TABLE invoices DROP KEY ix_invoices_organization_issued, ADD KEY ix_invoices_organization_issued (organization_id, issued_on, paid_at);
ALTER TABLE projects ALTER INDEX uq_projects_slug VISIBLE;
INSERT INTO usage_daily (organization_id, day, metric, amount) VALUES (1, '2026-01-01', 'events', 0) ON DUPLICATE KEY UPDATE amount = 0;
UPDATE organizations SET plan = 'team' WHERE id = 7;
-- noise: LARGE_CHANGE
DELETE FROM login_attempts WHERE id BETWEEN 1 AND 5000;
CREATE INDEX ix_webhooks_enabled ON webhooks (is_enabled, project_id);
CREATE OR REPLACE VIEW active_projects AS SELECT id, organization_id, slug, title FROM projects WHERE archived_at IS NULL;
-- useful: RENAME_TABLE
RENAME TABLE login_attempts TO sign_in_attempts;
ALTER TABLE invoice_lines ADD COLUMN discount DECIMAL(5,4) NULL AFTER unit_price;
-- useful: BLOCKING_COPY
ALTER TABLE webhook_deliveries MODIFY attempt SMALLINT UNSIGNED NOT NULL DEFAULT 1;
