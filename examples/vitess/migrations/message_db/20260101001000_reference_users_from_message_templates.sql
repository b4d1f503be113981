-- wwdb:requires user_db/20260101000100
-- wwdb:when references=physical

-- migrate:up
ALTER TABLE `message_templates`
  ADD CONSTRAINT `fk_message_templates_created_by` FOREIGN KEY (`created_by`) REFERENCES {{schema:user_db}}.`users` (`id`);

-- migrate:down
ALTER TABLE `message_templates`
  DROP FOREIGN KEY `fk_message_templates_created_by`;
