"""Looking into what a push carries beside its texts: pictures, and later where links lead."""
