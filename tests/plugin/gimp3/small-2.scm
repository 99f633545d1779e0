; SPDX-License-Identifier: GPL-3.0-or-later
; Paints the picture of small.scm in GIMP 2.10.

(define (pastiche-small photograph painting settings result)
  (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE photograph photograph)))
         (layer (car (gimp-image-get-active-drawable image))))
    (plug-in-pastiche RUN-NONINTERACTIVE image layer -1 painting -1 -1 5 160 "" 1
                      settings)
    (gimp-file-save RUN-NONINTERACTIVE image layer result result)
    (gimp-image-delete image)))
