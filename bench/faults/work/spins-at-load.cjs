'use strict'

for (;;);
