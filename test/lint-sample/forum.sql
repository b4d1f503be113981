-- A forum, in the manner of phpBB.
-- migration: tables
CREATE TABLE phpbb_forums (
	forum_id mediumint(8) UNSIGNED NOT NULL auto_increment,
	parent_id mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
	left_id mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
	right_id mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
	forum_name varchar(255) DEFAULT '' NOT NULL,
	forum_desc text NOT NULL,
	forum_status tinyint(4) DEFAULT '0' NOT NULL,
	PRIMARY KEY (forum_id),
	KEY left_right_id (left_id, right_id)
) CHARACTER SET `utf8mb4` COLLATE `utf8mb4_bin`;
-- useful: REDUNDANT_INDEX
CREATE TABLE phpbb_topics (
	topic_id int UNSIGNED NOT NULL auto_increment,
	forum_id mediumint UNSIGNED DEFAULT '0' NOT NULL,
	topic_title varchar(255) DEFAULT '' NOT NULL,
	topic_poster int UNSIGNED DEFAULT '0' NOT NULL,
	topic_time int UNSIGNED DEFAULT '0' NOT NULL,
	topic_views mediumint UNSIGNED DEFAULT '0' NOT NULL,
	topic_last_post_id int UNSIGNED DEFAULT '0' NOT NULL,
	PRIMARY KEY (topic_id),
	KEY forum_id (forum_id),
	KEY forum_last (forum_id, topic_last_post_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_posts (
	post_id int UNSIGNED NOT NULL auto_increment,
	topic_id int UNSIGNED DEFAULT 0 NOT NULL,
	forum_id mediumint UNSIGNED DEFAULT 0 NOT NULL,
	poster_id int UNSIGNED DEFAULT 0 NOT NULL,
	poster_ip varchar(40) DEFAULT '' NOT NULL,
	post_time int UNSIGNED DEFAULT 0 NOT NULL,
	post_subject varchar(255) DEFAULT '' NOT NULL,
	post_text mediumtext NOT NULL,
	PRIMARY KEY (post_id),
	KEY forum_id (forum_id),
	KEY topic_id (topic_id),
	KEY poster_ip (poster_ip),
	KEY poster_id (poster_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_users (user_id int UNSIGNED NOT NULL auto_increment, user_type tinyint DEFAULT 0 NOT NULL, group_id mediumint UNSIGNED DEFAULT 3 NOT NULL, username varchar(255) DEFAULT '' NOT NULL, username_clean varchar(255) DEFAULT '' NOT NULL, user_password varchar(255) DEFAULT '' NOT NULL, user_email varchar(100) DEFAULT '' NOT NULL, user_birthday varchar(10) DEFAULT '' NOT NULL, user_lastvisit int UNSIGNED DEFAULT 0 NOT NULL, PRIMARY KEY (user_id), UNIQUE username_clean (username_clean), KEY user_email (user_email)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_sessions (session_id char(32) DEFAULT '' NOT NULL, session_user_id int UNSIGNED DEFAULT 0 NOT NULL, session_time int UNSIGNED DEFAULT 0 NOT NULL, session_ip varchar(40) DEFAULT '' NOT NULL, session_browser varchar(150) DEFAULT '' NOT NULL, PRIMARY KEY (session_id), KEY session_time (session_time), KEY session_user_id (session_user_id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_privmsgs (msg_id int UNSIGNED NOT NULL auto_increment, root_level mediumint UNSIGNED DEFAULT 0 NOT NULL, author_id int UNSIGNED DEFAULT 0 NOT NULL, message_time int UNSIGNED DEFAULT 0 NOT NULL, message_subject varchar(255) DEFAULT '' NOT NULL, message_text mediumtext NOT NULL, PRIMARY KEY (msg_id), KEY author_id (author_id), KEY message_time (message_time)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- useful: NO_PRIMARY_KEY
CREATE TABLE phpbb_poll_votes (topic_id int UNSIGNED DEFAULT 0 NOT NULL, poll_option_id tinyint DEFAULT 0 NOT NULL, vote_user_id int UNSIGNED DEFAULT 0 NOT NULL, vote_user_ip varchar(40) DEFAULT '' NOT NULL, KEY topic_id (topic_id), KEY vote_user_id (vote_user_id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_topics_watch (topic_id int UNSIGNED DEFAULT 0 NOT NULL, user_id int UNSIGNED DEFAULT 0 NOT NULL, notify_status tinyint UNSIGNED DEFAULT 0 NOT NULL, PRIMARY KEY (topic_id, user_id), KEY user_id (user_id)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_config (config_name varchar(255) DEFAULT '' NOT NULL, config_value varchar(255) DEFAULT '' NOT NULL, is_dynamic tinyint UNSIGNED DEFAULT 0 NOT NULL, PRIMARY KEY (config_name), KEY is_dynamic (is_dynamic)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE phpbb_banlist (ban_id int UNSIGNED NOT NULL auto_increment, ban_userid int UNSIGNED DEFAULT 0 NOT NULL, ban_ip varchar(40) DEFAULT '' NOT NULL, ban_start int UNSIGNED DEFAULT 0 NOT NULL, ban_end int UNSIGNED DEFAULT 0 NOT NULL, ban_reason varchar(255) DEFAULT '' NOT NULL, PRIMARY KEY (ban_id), KEY ban_end (ban_end), KEY ban_user (ban_userid)) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- migration: updates
ALTER TABLE phpbb_posts ADD COLUMN post_visibility tinyint DEFAULT 0 NOT NULL, ADD KEY post_visibility (post_visibility);
ALTER TABLE phpbb_users ADD user_new_privmsg int DEFAULT 0 NOT NULL;
ALTER TABLE phpbb_users ADD user_last_mark int UNSIGNED DEFAULT 0 NOT NULL;
-- useful: BLOCKING_COPY
ALTER TABLE phpbb_topics MODIFY topic_views int UNSIGNED DEFAULT 0 NOT NULL;
ALTER TABLE phpbb_sessions MODIFY session_browser varchar(250) DEFAULT '' NOT NULL;
-- useful: BLOCKING_COPY, LOST_ATTRIBUTE
ALTER TABLE phpbb_config MODIFY config_value mediumtext NOT NULL;
ALTER TABLE phpbb_poll_votes ADD vote_time int UNSIGNED DEFAULT 0 NOT NULL;
CREATE INDEX topic_poster ON phpbb_topics (topic_poster);
UPDATE phpbb_config SET config_value = '3.3.0' WHERE config_name = 'version';
INSERT INTO phpbb_config (config_name, config_value) VALUES ('allow_topic_notify', '1');
-- useful: LARGE_CHANGE
DELETE FROM phpbb_sessions WHERE session_time < 1700000000;
ALTER TABLE phpbb_banlist ADD ban_exclude tinyint UNSIGNED DEFAULT 0 NOT NULL;
