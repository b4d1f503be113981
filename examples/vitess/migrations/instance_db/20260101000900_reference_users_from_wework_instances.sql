-- wwdb:requires user_db/20260101000100
-- wwdb:when references=physical

-- migrate:up
ALTER TABLE `wework_instances`
  ADD CONSTRAINT `fk_wework_instances_created_by` FOREIGN KEY (`created_by`) REFERENCES {{schema:user_db}}.`users` (`id`);

-- migrate:down
ALTER TABLE `wework_instances`
  DROP FOREIGN KEY `fk_wework_instances_created_by`;
