#!/bin/sh
set -e
npx hotstick up --max-time 10m
exec node server.js
