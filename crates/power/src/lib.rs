//! Energy and power sources behind one trait.
