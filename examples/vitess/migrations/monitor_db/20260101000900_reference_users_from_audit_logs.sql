-- wwdb:requires user_db/20260101000100
-- wwdb:when references=physical

-- migrate:up
ALTER TABLE `audit_logs`
  ADD CONSTRAINT `fk_audit_logs_user_id` FOREIGN KEY (`user_id`) REFERENCES {{schema:user_db}}.`users` (`id`);

-- migrate:down
ALTER TABLE `audit_logs`
  DROP FOREIGN KEY `fk_audit_logs_user_id`;
