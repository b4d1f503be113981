-- wwdb:requires user_db/20260101000100
-- wwdb:when references=physical

-- migrate:up
ALTER TABLE `alert_records`
  ADD CONSTRAINT `fk_alert_records_acknowledged_by` FOREIGN KEY (`acknowledged_by`) REFERENCES {{schema:user_db}}.`users` (`id`),
  ADD CONSTRAINT `fk_alert_records_resolved_by` FOREIGN KEY (`resolved_by`) REFERENCES {{schema:user_db}}.`users` (`id`);

-- migrate:down
ALTER TABLE `alert_records`
  DROP FOREIGN KEY `fk_alert_records_acknowledged_by`,
  DROP FOREIGN KEY `fk_alert_records_resolved_by`;
