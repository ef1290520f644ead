-- Since when an order is over on this pole, ended there by somebody while it went on elsewhere.
alter table broadcast_playback add column silenced_at timestamp with time zone;
