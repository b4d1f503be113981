-- wwdb:requires instance_db/20260101000300 user_db/20260101000100
-- wwdb:when references=physical

-- migrate:up
ALTER TABLE `message_tasks`
  ADD CONSTRAINT `fk_message_tasks_account_id` FOREIGN KEY (`account_id`) REFERENCES {{schema:instance_db}}.`wework_accounts` (`id`),
  ADD CONSTRAINT `fk_message_tasks_created_by` FOREIGN KEY (`created_by`) REFERENCES {{schema:user_db}}.`users` (`id`);

-- migrate:down
ALTER TABLE `message_tasks`
  DROP FOREIGN KEY `fk_message_tasks_account_id`,
  DROP FOREIGN KEY `fk_message_tasks_created_by`;
