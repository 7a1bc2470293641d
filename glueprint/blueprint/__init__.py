"""What a blueprint is: parameter spec, archive, bundler, the awsglue.blueprint classes, the layout host."""
