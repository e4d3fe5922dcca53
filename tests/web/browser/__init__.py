"""The pages in a real Chromium: phone and desktop, Chinese and English."""
